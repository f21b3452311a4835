"""WHERE IT COMES FROM: lock, advisories, bill of materials, archive. Never imported by anything that serves."""
