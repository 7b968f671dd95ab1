"""单位与人员: who keeps which unit and which account, who has which role where; one-time links by letter."""
