"""赛事: rule packs: categories, groups, disciplines, rubrics. A rule is data that belongs to an edition."""
