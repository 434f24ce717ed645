// SPDX-License-Identifier: MIT
import java.nio.file.Files;
import java.nio.file.Path;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * Starts one OpenSearch node inside this JVM. Arguments as of Elasticsearch's launcher: a folder that
 * is not used, that of the node, then {@code setting=value} pairs.
 */
public final class Launcher {
    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[1]);
        OpenSearchRunner runner = new OpenSearchRunner();
        // Above this port the runner looks for a free one; the settings below have the last word.
        runner.setMaxHttpPort(-1);
        runner.onBuild((number, settings) -> {
            settings.put("network.host", "127.0.0.1");
            settings.put("http.port", "0");
            settings.put("transport.port", "0");
            settings.put("discovery.type", "single-node");
            settings.put("node.portsfile", true);
            settings.put("path.logs", dir.resolve("logs").toString());
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
            for (int i = 2; i < args.length; i++) {
                String[] pair = args[i].split("=", 2);
                settings.put(pair[0], pair[1]);
            }
        });
        String owner = System.getProperty("pwlog.owner", "");
        if (!owner.isEmpty()) {
            ProcessHandle.of(Long.parseLong(owner)).ifPresentOrElse(
                process -> process.onExit().thenRun(() -> System.exit(0)), () -> System.exit(0));
        }
        Files.createDirectories(dir.resolve("data"));
        runner.build(OpenSearchRunner.newConfigs().basePath(dir.resolve("data").toString())
            .clusterName("pwlog-test").numOfNode(1).disableESLogger());
        Thread.currentThread().join();
    }
}
