"""This folder knows the hand-made pages that stand in for the real sites.

Their hooks are those that public tools of 2026 read on the real ones; nothing is copied from them.
"""
