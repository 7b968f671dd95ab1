"""结果: public notices."""
