// SPDX-License-Identifier: MIT
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.apache.lucene.util.Version;
import org.elasticsearch.Build;
import org.elasticsearch.action.admin.cluster.node.info.NodesInfoResponse;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestHandler.Route;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestRequest.Method;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestResponseListener;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * Answers {@code GET /} and {@code HEAD /} as a whole Elasticsearch does. There the answer comes
 * from a module that is not published; without it clients can't tell version or product.
 */
final class RootHandler extends BaseRestHandler {
    private final Supplier<DiscoveryNodes> nodes;

    RootHandler(Supplier<DiscoveryNodes> nodes) {
        this.nodes = nodes;
    }

    @Override
    public String getName() {
        return "pwlog_root";
    }

    @Override
    public List<Route> routes() {
        return List.of(new Route(Method.GET, "/"), new Route(Method.HEAD, "/"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
        // A whole one asks for the right to monitor before it answers, where there is security.
        return channel -> client.admin().cluster().prepareNodesInfo("_local").clear().execute(
            new RestResponseListener<NodesInfoResponse>(channel) {
                @Override
                public RestResponse buildResponse(NodesInfoResponse allowed) throws Exception {
                    return answer(client, channel);
                }
            });
    }

    private RestResponse answer(NodeClient client, RestChannel channel) throws IOException {
        XContentBuilder body = channel.newBuilder().prettyPrint().startObject();
        body.field("name", nodes.get().getLocalNode().getName());
        body.field("cluster_name", client.settings().get("cluster.name"));
        body.startObject("version");
        body.field("number", Build.current().qualifiedVersion());
        body.field("build_flavor", "default");
        body.field("build_type", "zip");
        body.field("build_hash", Build.current().hash());
        body.field("build_date", Build.current().date());
        body.field("build_snapshot", Build.current().isSnapshot());
        body.field("lucene_version", Version.LATEST.toString());
        body.field("minimum_wire_compatibility_version", Build.current().minWireCompatVersion());
        body.field("minimum_index_compatibility_version", Build.current().minIndexCompatVersion());
        body.endObject();
        body.field("tagline", "You Know, for Search");
        return new RestResponse(RestStatus.OK, body.endObject());
    }
}
