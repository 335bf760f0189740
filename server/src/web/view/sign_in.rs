//! Sign-in, and the first sign-in that sets a password.

/// The sign-in form.
#[derive(Debug, Clone, Default)]
pub struct SignInView {
    /// Whether the company has to be named: the server has several.
    pub asks_company: bool,
    /// The company code typed so far.
    pub company: String,
    /// The login typed so far.
    pub login: String,
    /// Where to go afterwards; empty for the overview.
    pub next: String,
    /// What went wrong.
    pub problem: Option<SignInProblem>,
}

/// Why the sign-in form is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// Company, login or password is wrong; which one is not told.
    Wrong,
    /// Too many tries; wait.
    TooMany,
    /// The session has ended.
    Ended,
    /// The user's role has no pages.
    NotForPages,
}

/// The form that sets a password with a one-time code.
#[derive(Debug, Clone, Default)]
pub struct FirstPasswordView {
    /// Whether the company has to be named: the server has several.
    pub asks_company: bool,
    /// The company code typed so far.
    pub company: String,
    /// The login typed so far.
    pub login: String,
    /// What went wrong.
    pub problem: Option<PasswordProblem>,
}

/// Why the first-password form is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Company, login or code is wrong, or the code was used.
    CodeWrong,
    /// Too many tries; wait.
    TooMany,
    /// The password just used to sign in was a one-time code; another has to be chosen first.
    OneTime,
    /// Fewer than 12 characters.
    TooShort,
    /// More than 128 characters.
    TooLong,
    /// Among the first that are guessed, or the one-time code itself.
    Common,
    /// The two are not the same.
    Different,
}
