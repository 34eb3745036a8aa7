"""What Notion's content means, before any format: text runs, links, property values, list numbers.

Every renderer needs these answers, and all give the same ones.
"""
