// SPDX-License-Identifier: MIT
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;

/**
 * Starts one Elasticsearch node inside this JVM, from the published jars, for trying and testing.
 *
 * Arguments: the folder with {@code modules/}, the folder of this node (its config, data and logs),
 * then {@code setting=value} pairs that win over the defaults below. The address the node got is
 * written by the node itself to {@code logs/http.ports}. Elasticsearch's own start script refuses
 * root and wants raised system limits; a node bound to loopback and started this way does not.
 */
public final class Launcher {
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Path dir = Path.of(args[1]);
        Map<String, String> settings = defaults(home, dir);
        for (int i = 2; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            if (pair.length != 2) {
                throw new IllegalArgumentException("not a setting=value pair: " + args[i]);
            }
            settings.put(pair[0], pair[1]);
        }

        LogConfigurator.configureESLogging();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            Settings.EMPTY, settings, dir.resolve("config"), () -> "pwlog-test-node");
        LogConfigurator.configureWithoutConfig(environment.settings());
        Node node = makeNode(environment, home.resolve("modules"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        endWith(System.getProperty("pwlog.owner", ""));
        node.start();
        Thread.currentThread().join();  // the node's own threads are daemons: they don't keep the JVM alive
    }

    private static Map<String, String> defaults(Path home, Path dir) {
        Map<String, String> settings = new HashMap<>();
        settings.put("path.home", home.toString());
        settings.put("path.data", dir.resolve("data").toString());
        settings.put("path.logs", dir.resolve("logs").toString());
        settings.put("cluster.name", "pwlog-test");
        settings.put("discovery.type", "single-node");
        settings.put("network.host", "127.0.0.1");
        settings.put("http.port", "0");
        settings.put("transport.port", "0");
        settings.put("node.portsfile", "true");
        // A nearly full disk is the machine's business, not a reason to refuse a test's documents.
        settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
        settings.put("logger.level", "WARN");
        return settings;
    }

    /**
     * Version 8.12 loads what is below its home by itself; later ones are handed a loader, and 9 wants
     * to be told whether the node is a stateless one.
     */
    private static Node makeNode(Environment environment, Path modules) throws ReflectiveOperationException {
        Class<?> loader;
        try {
            loader = Class.forName("org.elasticsearch.plugins.PluginsLoader");
        } catch (ClassNotFoundException e) {
            return Node.class.getConstructor(Environment.class).newInstance(environment);
        }
        Object bundles = null;
        for (Method method : loader.getMethods()) {
            if (method.getName().equals("loadModulesBundles")) {
                bundles = method.getParameterCount() == 1
                    ? method.invoke(null, modules) : method.invoke(null, modules, false);
            }
        }
        Object plugins = loader.getMethod("createPluginsLoader", Set.class, Set.class, Map.class)
            .invoke(null, bundles, Set.of(), Map.of());
        return Node.class.getConstructor(Environment.class, loader).newInstance(environment, plugins);
    }

    /** Ends this process when the one with this id ends: a test run that is killed leaves nothing. */
    private static void endWith(String processId) {
        if (!processId.isEmpty()) {
            ProcessHandle.of(Long.parseLong(processId)).ifPresentOrElse(
                owner -> owner.onExit().thenRun(() -> System.exit(0)), () -> System.exit(0));
        }
    }

    private static void close(Node node) {
        try {
            node.close();
            node.awaitClose(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            System.err.println("closing the node: " + e);
        }
    }
}
