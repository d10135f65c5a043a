"""A script as people write it for OpenUSD. Only the next import is changed for Ways: its tests pass with either package."""

import os
import sys
import unittest

from pxr import Plug, Tf

ROOT = sys.argv.pop(1)
sys.path.append(ROOT + "/lib/python")
KINDS = ROOT + "/lib/*/resources/"
PYTHON = ROOT + "/lib/python/**/"


class Ear:
    """Counts the notices of new plugins."""

    def __init__(self):
        self.count = 0
        self.names = []
        self.key = Tf.Notice.RegisterGlobally("PlugNotice::DidRegisterPlugins", self.hear)

    def hear(self, notice, sender):
        assert sender == Plug.Registry()
        self.count += 1
        self.names += [plugin.name for plugin in notice.GetNewPlugins()]


class PlugTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # A plugin that is imported before it is known.
        import usds_early  # noqa: F401

        cls.first, cls.both = Ear(), Ear()
        Plug.Registry().RegisterPlugins(KINDS)
        cls.first.key.Revoke()
        # One of the Python plugins comes with an empty file, and one with bases that its class lacks.
        try:
            Plug.Registry().RegisterPlugins(PYTHON)
        except Tf.ErrorException as error:
            cls.error = error
        cls.both.key.Revoke()

    def test_notices(self):
        self.assertEqual((self.first.count, sorted(self.first.names)), (1, ["usds_native", "usds_papers"]))
        python = ["usds_cycle", "usds_early", "usds_first", "usds_lost", "usds_needs", "usds_second", "usds_unlisted"]
        self.assertEqual((self.both.count, sorted(self.both.names)), (2, sorted(["usds_native", "usds_papers", *python])))
        self.assertTrue(all(isinstance(item.commentary, str) for item in self.error.args))

    def test_derived_types(self):
        derived = Tf.Type.FindByName("_TestPlugBase<2>").GetAllDerivedTypes()
        expected = ("usds_first.First", "usds_second.Second", "usds_early.Early", "UsdsNative")
        for name in expected:
            self.assertIn(name, derived)
        self.assertEqual(len(derived), len(expected))
        self.assertEqual(Plug.Registry.GetAllDerivedTypes("UsdsPaper"), ("UsdsRough",))
        self.assertEqual(sorted(derived), sorted(expected, key=Tf.Type.FindByName))

    def test_loading_python(self):
        first = Plug.Registry().GetPluginForType("usds_first.First")
        second = Plug.Registry().GetPluginForType("usds_second.Second")
        self.assertTrue(first.isPythonModule and not first.isLoaded and not second.isLoaded)
        self.assertNotIn("usds_first", sys.modules)
        # The second depends on the first.
        self.assertTrue(second.Load())
        self.assertTrue(first.isLoaded and second.isLoaded)
        self.assertEqual(Plug._TestPlugBase2().GetTypeName(), "_TestPlugBase<2>")
        # Both are names of the main module now.
        self.assertEqual(usds_first.First().GetTypeName(), "the first")  # noqa: F821
        self.assertEqual(Tf.Type.FindByName("usds_second.Second").pythonClass().GetTypeName(), "the second")
        self.assertEqual(Tf.Type.Find(usds_second.Second), "usds_second.Second")  # noqa: F821
        self.assertTrue(second.Load())

    def test_types_that_a_plugin_declares(self):
        plugin = Plug.Registry().GetPluginWithName("usds_first")
        base = Tf.Type("_TestPlugBase<2>")
        self.assertFalse(plugin.DeclaresType(base, includeSubclasses=False))
        self.assertTrue(plugin.DeclaresType(base, includeSubclasses=True))
        self.assertTrue(plugin.DeclaresType(Tf.Type("usds_first.First")))

    def test_metadata(self):
        plugin = Plug.Registry().GetPluginForType("UsdsRough")
        said = plugin.metadata["Types"]["UsdsRough"]
        self.assertTrue(said == plugin.GetMetadataForType(Tf.Type.FindByName("UsdsRough")))
        self.assertEqual(said["numbers"], [1, 2.5, -3])
        self.assertEqual((said["text"], said["yes"], said["nothing"], said["inner"]), ("rough", True, None, {"a": ["b"]}))
        self.assertEqual(Plug.Registry().GetStringFromPluginMetaData("UsdsRough", "text"), "rough")
        self.assertTrue(os.path.exists(plugin.FindPluginResource("grain.txt")))

    def test_errors(self):
        plugins, ear = Plug.Registry().GetAllPlugins(), Ear()
        self.assertRaises(TypeError, Plug.Registry().GetPluginForType, "UsdsNobody")
        self.assertRaises(RuntimeError, Plug.Registry().GetPluginForType, Tf.Type.FindByName("UsdsNobody"))
        for path in ("/nowhere", ROOT + "/lib/python/usds_unlisted/gone/", ROOT + "/lib"):
            self.assertEqual(Plug.Registry().RegisterPlugins(path), [])
        for name in ("UsdsNative", "UsdsLost", "UsdsNeeds", "UsdsCycle"):
            plugin = Plug.Registry().GetPluginForType(name)
            self.assertTrue(plugin)
            with self.assertRaises(RuntimeError):
                plugin.Load()
            self.assertFalse(plugin.isLoaded)
        # A file is read once.
        self.assertEqual(Plug.Registry().RegisterPlugins([KINDS, PYTHON]), [])
        self.assertEqual(plugins, Plug.Registry().GetAllPlugins())
        self.assertEqual(ear.count, 0)

    def test_debug_symbols(self):
        names = Tf.Debug.GetDebugSymbolNames()
        self.assertTrue("PLUG_INFO_SEARCH" in names and "PLUG_REGISTRATION" in names and "PLUG_LOAD" in names)
        self.assertIn("PLUG_LOAD", Tf.Debug.SetDebugSymbolsByName("PLUG_LOAD", True))
        self.assertTrue(Tf.Debug.IsDebugSymbolNameEnabled("PLUG_LOAD"))
        Tf.Debug.SetDebugSymbolsByName("PLUG_*", False)
        self.assertFalse(Tf.Debug.IsDebugSymbolNameEnabled("PLUG_LOAD"))


if __name__ == "__main__":
    unittest.main()
