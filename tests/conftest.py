"""Types are checked while the tests run: the shapes of arrays in the annotations of kdsrc, by jaxtyping and beartype.

What an annotation does not allow, a function has to refuse in its own words (a ValueError, see test_validation). So the
arguments are looked at after the call, with the result: a function that has worked with something else fails. What
NumPy reads as an array of the annotated shape, such as a list, counts as one.
"""

import typed
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

install_import_hook("kdsrc", "typed.after_the_call")
# how long an example takes is decided by what else runs on the machine
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, max_examples=60
)
settings.load_profile("any machine")


def pytest_runtest_setup():
    typed.check_again()
