#include "backfill/map/sample_document.h"

#include <algorithm>

#include "document/derive.h"
#include "document/write.h"

namespace pwlog {

std::vector<std::string> sample_documents(const SampleContext& context,
                                          const JoinedSample& joined) {
    const auto model = context.models.find(joined.device);
    PduContext pdu{{joined.device, model == context.models.end() ? "" : model->second}};
    if (const auto names = context.outlet_names.find(joined.device);
        names != context.outlet_names.end()) {
        std::copy_n(names->second.begin(), std::min(names->second.size(), pdu.outlet_names.size()),
                    pdu.outlet_names.begin());
    }
    std::vector<std::string> documents;
    documents.reserve(joined.documents.size());
    for (const auto& [which, values] : joined.documents) {
        Sample sample;
        sample.kind = which.first;
        sample.outlet = which.second;
        sample.time = joined.time;
        sample.values = values;
        if (sample.kind == DocumentKind::ats) {
            derive(sample, AtsContext{pdu.device});
        } else {
            derive(sample, pdu);
        }
        documents.push_back(write(context.origin, pdu.device, sample).json);
    }
    return documents;
}

}  // namespace pwlog
