"""Coroutines as tests."""

import asyncio
import functools


def asynchronous(test):
    """Lets pytest run a coroutine, and ends it when it hangs."""

    @functools.wraps(test)
    def run(*arguments, **options):
        asyncio.run(asyncio.wait_for(test(*arguments, **options), timeout=60))

    return run
