"""我的: what one person has to do next, from every room."""
