PASSWORD = "small-house-password"
ACCOUNTS = [("admin@demo", "管理员")]
