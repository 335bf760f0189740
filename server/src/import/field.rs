//! The fields a file can fill, with the header names under which they are recognised.

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Customers of the tenant.
    Customers,
    /// People who may sign in.
    Users,
}

/// One thing a row can say.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in mappings and reports.
    pub name: &'static str,
    /// Whether a row without it is bad.
    pub required: bool,
    /// Most characters of its text.
    pub max_chars: usize,
    /// Header names that mean it, best first, in the form [`header_form`] gives.
    headers: &'static [&'static str],
}

const fn field(
    name: &'static str,
    required: bool,
    max_chars: usize,
    headers: &'static [&'static str],
) -> Field {
    Field { name, required, max_chars, headers }
}

/// What a customer's row can say.
pub static CUSTOMER_FIELDS: [Field; 8] = [
    field(
        "number",
        true,
        100,
        &[
            "客户编号",
            "客户编码",
            "客户代码",
            "编号",
            "customernumber",
            "customerno",
            "customerid",
            "customercode",
            "number",
        ],
    ),
    field(
        "name",
        true,
        200,
        &["客户名称", "公司名称", "单位名称", "名称", "customername", "companyname", "company", "name"],
    ),
    field("address", false, 400, &["地址", "客户地址", "公司地址", "详细地址", "address"]),
    field("contact", false, 200, &["联系人", "客户联系人", "contact", "contactname", "contactperson"]),
    field(
        "phone",
        false,
        60,
        &["电话", "联系电话", "手机", "手机号", "phone", "telephone", "phonenumber", "mobile"],
    ),
    field(
        "owner",
        false,
        100,
        &[
            "负责人",
            "客户负责人",
            "客户专员",
            "业务员",
            "owner",
            "ownerlogin",
            "ownerid",
            "owneremployeeid",
            "rep",
        ],
    ),
    field("grade", false, 20, &["等级", "客户等级", "客户级别", "级别", "grade", "customergrade", "level"]),
    field(
        "tags",
        false,
        2_000,
        &["标签", "客户标签", "標籤", "客戶標籤", "tags", "tag", "customertags", "labels"],
    ),
];

/// What a user's row can say; `key` is only the file's own name for a person, to which other rows may refer.
pub static USER_FIELDS: [Field; 7] = [
    field(
        "login",
        true,
        100,
        &["登录名", "用户名", "账号", "帐号", "login", "username", "account", "userid"],
    ),
    field("key", false, 100, &["工号", "员工编号", "员工号", "employeeid", "employeenumber", "employeeno"]),
    field("name", true, 200, &["姓名", "员工姓名", "name", "fullname", "displayname"]),
    field(
        "role",
        true,
        200,
        &["角色", "职务", "職務", "职位", "職位", "岗位", "崗位", "role", "title", "jobtitle", "position"],
    ),
    field(
        "reports_to",
        false,
        200,
        &["上级", "直属上级", "直接上级", "汇报对象", "reportsto", "supervisor", "manager"],
    ),
    // A job title says both what somebody may do and what they are; with a column for each, each has its own.
    field(
        "posts",
        false,
        1_000,
        &["岗位", "崗位", "职务", "職務", "职位", "職位", "posts", "post", "title", "jobtitle", "position"],
    ),
    field("unit", false, 200, &["部门", "所属部门", "团队", "unit", "department", "team"]),
];

impl Kind {
    /// Gives the fields of one row.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Customers => &CUSTOMER_FIELDS,
            Self::Users => &USER_FIELDS,
        }
    }

    /// Finds a field by its name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

impl Field {
    /// Finds the column that means this field; the best header name wins.
    pub(super) fn recognise(&self, columns: &[String]) -> Option<usize> {
        let forms: Vec<String> = columns.iter().map(|column| header_form(column)).collect();
        self.headers.iter().find_map(|header| forms.iter().position(|form| form == header))
    }
}

/// Reduces a header to its letters and digits in lowercase: `Customer_ID *` and `customer id` are one name.
pub(super) fn header_form(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_header_is_in_the_form_it_is_compared_in() {
        for field in CUSTOMER_FIELDS.iter().chain(&USER_FIELDS) {
            for header in field.headers {
                assert_eq!(*header, header_form(header));
            }
        }
    }

    #[test]
    fn no_header_but_a_job_title_s_means_two_fields_of_one_row() {
        for kind in [Kind::Customers, Kind::Users] {
            let fields = kind.fields().iter().filter(|field| field.name != "posts");
            let mut headers: Vec<&str> = fields.flat_map(|field| field.headers).copied().collect();
            let all = headers.len();
            headers.sort_unstable();
            headers.dedup();
            assert_eq!(headers.len(), all);
        }
    }

    #[test]
    fn spelling_of_a_header_does_not_matter() {
        let columns = ["客户编号*".to_owned(), "Customer Name".to_owned()];
        assert_eq!(CUSTOMER_FIELDS[0].recognise(&columns), Some(0));
        assert_eq!(CUSTOMER_FIELDS[1].recognise(&columns), Some(1));
        assert_eq!(CUSTOMER_FIELDS[2].recognise(&columns), None);
    }
}
