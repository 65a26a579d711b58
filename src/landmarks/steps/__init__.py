"""One script a rule, named as the rule: each reads files, calls the science, writes files."""
