"""`python -m tests.collector.few_files`: the collector where the system lets a process have few open files."""

import resource

from collector.__main__ import main

FILES = 160

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    main()
