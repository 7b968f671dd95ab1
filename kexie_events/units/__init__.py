"""单位: the tree of organisations, regions and departments, with validity dates."""
