"""The interface of the statistics database: what has been released, asked for by programs as PxWebApi 2.

`Database` answers requests and knows nothing of servers; `kvarn.serve.app` puts it behind one, `kvarn.serve.tree` writes it down
for web servers that have files alone. Everything is read when the database is opened, from what the release list and the public
records name (`kvarn.serve.released`); afterwards no file is opened.
"""
