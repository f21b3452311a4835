"""THE GROUP SUMMARY: what a study found, group by group, as a page and a PDF. Never a score, a row or a rank of one."""
