"""工作清单: the year's items 项目化推进清单."""
