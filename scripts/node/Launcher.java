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
import org.elasticsearch.plugins.PluginBundle;
import org.elasticsearch.plugins.PluginsLoader;

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
        Node node = new Node(environment, PluginsLoader.createPluginsLoader(
            modules(home.resolve("modules")), Set.of(), Map.of()));
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

    /** Version 9 wants a second argument: whether the node is a stateless one. */
    @SuppressWarnings("unchecked")
    private static Set<PluginBundle> modules(Path folder) throws ReflectiveOperationException {
        for (Method method : PluginsLoader.class.getMethods()) {
            if (method.getName().equals("loadModulesBundles")) {
                return (Set<PluginBundle>) (method.getParameterCount() == 1
                    ? method.invoke(null, folder) : method.invoke(null, folder, false));
            }
        }
        throw new NoSuchMethodException("PluginsLoader.loadModulesBundles");
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
