"""WHERE IT COMES FROM: the lock, the advisories, the bill of materials, the archive. Never imported by anything that runs."""
