"""The guarantee: policy, plan, the bound on a person's year, noise, ledger, minimum group, verifier.

This room imports no other room. It knows people as pseudonyms, groups as public labels and
quantities as whole numbers; it knows nothing of human resources.
"""
