"""公共接口: what is public, for programs: the same things under the same revision as the calendars."""
