"""Running cases: from a ``ContractCase`` to a ``CaseResult``."""
