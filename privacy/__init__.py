"""THE RULES: keys, envelope, sealing, opening, receipts, pseudonyms, disclosure. No Flask, no database, no clock."""
