"""How fast the field app takes visits in, beside bare commits on the same disk in the same run."""
