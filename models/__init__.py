"""Documents: YAML, JSON or Python objects read into pydantic models that know their place.

``read_yaml``, ``read_json``, ``read_data`` give a ``Reading``; ``load_document`` makes it a typed ``Document``;
``read_project`` does both for a folder. Nothing here raises for what a user wrote.

Every model is an ``Element``: frozen, with ``pointer`` (its JSON Pointer), ``at(*parts)`` (the pointer of a part of
it) and ``broken`` (the names of its fields that were taken away because they were wrong; each has been reported).

=============== ====================================================================================================
``Reading``     ``data diagnostics file text complete``; ``locate(pointer, key=False, offset=None) -> (line, column)``
``Loaded``      ``document diagnostics reading``
``Project``     ``documents diagnostics root settings``; each ``ProjectDocument`` has ``file reading document``
``Document``    ``headrace name warehouse schema timezone defaults functions flow description parameters sources
                nodes models meta`` (mappings by name where there are names; the field is ``schema_``)
``Parameter``   ``name type list default description``; ``default`` is typed, ``ALL``, or None
``Source``      ``name file table rows series connection columns formulas relations keys statistics description meta``;
                ``columns`` maps a name to ``SourceColumn(type format null)`` and is filled in for rows and series,
                None where only the catalog knows; ``rows`` is a tuple of mappings of typed values
``Relation``    ``with_ by cardinality``; ``by`` is a tuple of ``(ours, theirs)``
``Node``        ``name from_ steps for_each then formulas materialize keys indexes grants description tags unlogged
                strategy meta``; ``steps`` and ``then`` are tuples of ``Step``; ``keys`` a tuple of tuples of columns
``ForEach``     ``factors``, a tuple of ``Factor`` (they multiply), each with ``parameters``: a tuple of
                ``ForEachParameter(name, values)``, several where they are zipped; ``values`` is a ``ValueList``
                (``texts``; type them by ``read_value(text, type)``), a ``Range`` (``every from_ to``, typed) or a
                ``NodeColumn`` (``node column``)
``Materialize`` ``kind by time look_back``
``Index``       ``columns unique``
``Step``        the base of every step: ``key`` (``derive``), ``name note disabled meta``. ``step.at("label")`` of a
                derive is ``/nodes/x/steps/2/derive/label``
``InvalidStep`` stands for a step that could not be read; its ``key`` is the step's key, or None
=============== ====================================================================================================

Steps (``headrace.models.steps``, one file each):

============= ======================================================================================================
``Select``    ``columns``: tuple of ``OutputColumn(name, formula)``; formula None is the column of that name
``Drop``      ``columns``: tuple of names
``Rename``    ``columns``: new name → old name
``Derive``    ``columns``: new name → ``Formula`` (a ``str`` subclass, stripped)
``Filter``    ``condition``: ``Formula``
``Aggregate`` ``by``: tuple of ``OutputColumn``; ``measures``: name → ``Formula``
``Join``      ``with_``, ``by``: tuple of ``(ours, theirs)``, ``kind``, ``cardinality`` or None, ``columns``: tuple of
              names or None (all), ``prefix`` or None
``Union``     ``with_``: tuple of names, ``origin``: column or None, ``distinct``: bool
``Distinct``  ``columns``: tuple of names, or None (all)
``Sort``      ``by``: tuple of ``SortKey(formula, descending, nulls)``; nulls is ``first`` or ``last``
``Limit``     ``rows``: int, ``offset``: int, ``per``: tuple of names, ``order``: tuple of ``SortKey``
============= ======================================================================================================

``OutputColumn`` and ``SortKey`` are elements: their ``pointer`` is that of the formula, where there is one.
"""

from headrace.models.data_reader import read_data
from headrace.models.document import VERSION, Defaults, Document, OwnFunction
from headrace.models.element import Element, join_pointer, split_pointer
from headrace.models.flow_test import FlowTest
from headrace.models.folder import Project, ProjectDocument, read_project
from headrace.models.for_each import Factor, ForEach, ForEachParameter, NodeColumn, ValueList, Zip
from headrace.models.json_reader import read_json
from headrace.models.load import Loaded, load_document
from headrace.models.node import Index, Materialize, Node
from headrace.models.parameter import ALL, Parameter
from headrace.models.ranges import Every, Range
from headrace.models.reading import Reading
from headrace.models.relation import Relation
from headrace.models.scalar import Formula
from headrace.models.source import Source, SourceColumn
from headrace.models.steps import InvalidStep, Step
from headrace.models.value import Value, read_value
from headrace.models.yaml_reader import read_yaml

__all__ = [
    "ALL",
    "VERSION",
    "Defaults",
    "Document",
    "Element",
    "Every",
    "Factor",
    "FlowTest",
    "ForEach",
    "ForEachParameter",
    "Formula",
    "Index",
    "InvalidStep",
    "Loaded",
    "Materialize",
    "Node",
    "NodeColumn",
    "OwnFunction",
    "Parameter",
    "Project",
    "ProjectDocument",
    "Range",
    "Reading",
    "Relation",
    "Source",
    "SourceColumn",
    "Step",
    "Value",
    "ValueList",
    "Zip",
    "join_pointer",
    "load_document",
    "read_data",
    "read_json",
    "read_project",
    "read_value",
    "read_yaml",
    "split_pointer",
]
