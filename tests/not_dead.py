"""Names that nobody in the packages calls, and that are not dead: vulture reads this file, nobody runs it.

Each stands with its reason; what has none goes, from here and from the code.
"""
# ruff: noqa: B018, F821

# The command that restores calls them.
opened_at
verify

# Programs that run a fleet call them.
MemoryTables

# A library calls or reads them.
_.parse_hookspec_opts  # pluggy asks it of its manager
_.get_command  # click asks a group for its commands
_.parse_hookspec_opts  # pluggy asks it what a specification is
_.format_commands  # click lets a group write its part of the help
_.ordered_attributes  # expat's settings and handlers, which it reads
_.buffer_text
_.StartElementHandler
_.EndElementHandler
_.CharacterDataHandler
_.EntityDeclHandler
_.ExternalEntityRefHandler
_.SkippedEntityHandler
_.row_factory  # sqlite3 makes rows with it
_.stack_info  # logging's records have it, and its formatters read it
_.ignore_aliases  # PyYAML's dumper asks it
console  # rich gives it to whatever draws itself
disable_nagle_algorithm  # socketserver's settings, which it reads
daemon_threads
block_on_close
request_queue_size
_.handle_error  # socketserver calls it when a handler fails
client_address  # its second argument

# SQL or a file names them.
_.listed_run  # a statement of `state/lookups.py` reads this fact
ended  # a column, which attrs classes are built from
NO  # what the column `to_read` holds
YES
TRANSITIONS  # what may follow what: tests hold the statements of `state/` to it

# They are found, not called.
Docusaurus  # `dialects/__init__.py` finds the class of a dialect by its module
Hugo
Jekyll
MkDocs
Obsidian
NotionTarget  # an entry point names it

# What a target has, the exam of targets asks for; vulture does not look there.
_.can_upload
_.can_show
file_bytes

# The emulator is for tests: those of this project and of plugins.
_.struck  # how often a fault did
_.add_view
_.add_template
_.add_comment
_.delete_block
_.set_value
_.archive
_.unshare

# Programs call them, and plugins.
__dir__  # dir() of the package
_.__slots__  # Python reads it
_.__doc__  # help() reads it
_.aexport
_.async_
_.arender
_.aplan
_.acheck
_.deleted_since
_.to_pandas
_.to_polars
meaning  # `plugins info --json` tells it, by attrs
