"""WHAT MAY BE TYPED: WTForms. The only place that trusts nothing; stores nothing."""
