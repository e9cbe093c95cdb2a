"""The group in which columns are read that a newer version of ours adds to companies, contacts or users.

Every screen reads companies, that of Apps, too. After new files were put in place and until *Upgrade* is pressed the database
does not have the columns yet: read together with all the others, they would keep everybody from pressing it. Read as a group of
their own, they are asked for only where they are used.
"""

NEWER = "ar_dunning_newer"
