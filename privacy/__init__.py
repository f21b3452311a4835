"""THE RULES: keys, envelope, sealing, opening, receipts, pseudonyms, disclosure. Pure: no Flask, no database, no clock."""
