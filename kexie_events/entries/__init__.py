"""作品: applications, members, files. Eligibility, snapshots and recommendation upward stand here next."""
