"""What may be stored or sent: kinds of data, references, keys and their order, and the encodings of all.

Pure: nothing here knows of vats or stores. Values come in through ``freeze``; everything else expects frozen
ones.
"""

from __future__ import annotations

from vatdata_runtime.passable.classes import PLAIN_CLASSES
from vatdata_runtime.passable.copybags import CopyBag, make_copy_bag
from vatdata_runtime.passable.copymaps import CopyMap, make_copy_map
from vatdata_runtime.passable.copysets import CopySet, make_copy_set
from vatdata_runtime.passable.decode_error import DecodeError, UnknownEnumError
from vatdata_runtime.passable.enums import EnumRegistry, current_enums
from vatdata_runtime.passable.equality import same
from vatdata_runtime.passable.freeze import MAX_DEPTH, freeze
from vatdata_runtime.passable.immutable import CopyData, Immutable
from vatdata_runtime.passable.key_decoding import RemotableAt, decode_key
from vatdata_runtime.passable.key_encoding import OrdinalOf, encode_key
from vatdata_runtime.passable.key_tags import KeyTag, key_range_of_kind
from vatdata_runtime.passable.keys import check_key, compare_keys, is_key, is_scalar_key, key_eq
from vatdata_runtime.passable.plain_runs import parsed_values, plain_keys, plain_values
from vatdata_runtime.passable.promises import is_promise
from vatdata_runtime.passable.record import Record
from vatdata_runtime.passable.references import find_references, has_references
from vatdata_runtime.passable.remotable import Far, FarObject, Remotable, interface_of, method_of
from vatdata_runtime.passable.serials import key_index, serial_of
from vatdata_runtime.passable.styles import PASS_STYLES, pass_style_of, style_of_frozen
from vatdata_runtime.passable.tagged import Tagged, make_tagged, register_tag
from vatdata_runtime.passable.value_encoding import LIFTED, ExtCode, ValueCodec, parse_row

__all__ = [
    # references
    "Far",
    "FarObject",
    "Remotable",
    "find_references",
    "has_references",
    "interface_of",
    "is_promise",
    "method_of",
    # copy data
    "CopyBag",
    "CopyData",
    "CopyMap",
    "CopySet",
    "Immutable",
    "Record",
    "Tagged",
    "make_copy_bag",
    "make_copy_map",
    "make_copy_set",
    "make_tagged",
    "register_tag",
    # values
    "EnumRegistry",
    "MAX_DEPTH",
    "PASS_STYLES",
    "PLAIN_CLASSES",
    "current_enums",
    "freeze",
    "pass_style_of",
    "same",
    "style_of_frozen",
    # keys
    "check_key",
    "compare_keys",
    "is_key",
    "is_scalar_key",
    "key_eq",
    "key_index",
    "serial_of",
    # encodings
    "DecodeError",
    "LIFTED",
    "ExtCode",
    "KeyTag",
    "OrdinalOf",
    "RemotableAt",
    "UnknownEnumError",
    "ValueCodec",
    "parse_row",
    "decode_key",
    "encode_key",
    "key_range_of_kind",
    "parsed_values",
    "plain_keys",
    "plain_values",
]
