"""Name the array types of the package, one name for each dtype.

The docstring of a function says what its arrays hold, in which shape and unit.
"""

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
Float64Array = npt.NDArray[np.float64]
Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]
IntpArray = npt.NDArray[np.intp]
UInt8Array = npt.NDArray[np.uint8]
UInt32Array = npt.NDArray[np.uint32]
UInt64Array = npt.NDArray[np.uint64]

DocIds = Int32Array
"""Numbers of documents in one commit or one segment, ascending unless said otherwise."""
