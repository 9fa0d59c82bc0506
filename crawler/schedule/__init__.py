"""When is something looked at: lists, articles again, and after how much silence a source is named. Pure.

No Scrapy, SQLite, disk or clock: histories and the present time come in as arguments.
"""
