"""What a run of endpoint docs costs, beside the same tests by hand and beside other tools; see ../README.md."""
