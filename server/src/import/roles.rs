//! From the job title in a file to a role.

use std::collections::BTreeMap;

use sync_core::directory::Role;

use super::words::title_form;

/// Titles that mean a role without being told; anything else must be mapped, for a role is a right.
const KNOWN_TITLES: [(Role, &[&str]); 5] = [
    (
        Role::Rep,
        &[
            "rep",
            "sales representative",
            "key account specialist",
            "receptionist",
            "property assistant",
            "专员",
            "客户专员",
            "大客户专员",
            "业务员",
            "销售代表",
            "物业助理",
            "接待员",
        ],
    ),
    (
        Role::Supervisor,
        &["supervisor", "sales supervisor", "team lead", "主管", "客户主管", "销售主管", "组长"],
    ),
    (Role::Manager, &["manager", "sales manager", "经理", "部门经理", "销售经理", "总监"]),
    (Role::Admin, &["admin", "administrator", "管理员", "系统管理员"]),
    (Role::Auditor, &["auditor", "审计", "审计员"]),
];

/// The key in a mapping's `[roles]` that stands for every title not named.
const ANY_OTHER: &str = "*";

/// Finds the role a title means: as the mapping says, else as known, else as the mapping says for any other.
pub(super) fn role_of(title: &str, mapped: &BTreeMap<String, Role>) -> Option<Role> {
    let title = title_form(title);
    mapped
        .get(&title)
        .copied()
        .or_else(|| {
            KNOWN_TITLES.iter().find(|(_, titles)| titles.contains(&title.as_str())).map(|(role, _)| *role)
        })
        .or_else(|| mapped.get(ANY_OTHER).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapping_outranks_what_is_known_and_the_rest_goes_last() {
        let mapped = BTreeMap::from([("manager".to_owned(), Role::Supervisor), ("*".to_owned(), Role::Rep)]);
        assert_eq!(role_of(" Manager ", &mapped), Some(Role::Supervisor));
        assert_eq!(role_of("主管", &mapped), Some(Role::Supervisor));
        assert_eq!(role_of("Wizard", &mapped), Some(Role::Rep));
    }

    #[test]
    fn an_unknown_title_gives_no_role() {
        assert_eq!(role_of("Vice President, Sales", &BTreeMap::new()), None);
    }
}
