//! The numbers at `/metrics`; no label ever comes from a client.

use std::time::Duration;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};

/// A request by the pattern of its route, never by its path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The HTTP method, `OTHER` if it is not a usual one.
    pub method: &'static str,
    /// The route such as `/v1/visits/{id}`, empty if none matched.
    pub route: String,
    /// The status code of the answer.
    pub status: u16,
}

/// What became of an entry of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EntryOutcome {
    /// `accepted`, or the code of the refusal.
    pub outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone)]
struct Latency;

impl MetricConstructor<Histogram> for Latency {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
    }
}

/// All numbers of one server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<RouteLabels, Histogram, Latency>,
    commit_entries: Family<EntryOutcome, Counter>,
    pull_items: Counter,
    journal_position: Gauge,
    fsync_seconds: Histogram,
    connections: Gauge,
    connections_refused: Counter,
    logins_refused: Counter,
    panics: Counter,
}

impl std::fmt::Debug for Latency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Latency")
    }
}

impl Metrics {
    /// Makes the numbers, all at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("fieldbook");
        let metrics = Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(Latency),
            commit_entries: Family::default(),
            pull_items: Counter::default(),
            journal_position: Gauge::default(),
            fsync_seconds: Latency.new_metric(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            logins_refused: Counter::default(),
            panics: Counter::default(),
            registry: Registry::default(),
        };
        registry.register("requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time to answer a request",
            Unit::Seconds,
            metrics.request_seconds.clone(),
        );
        registry.register(
            "commit_entries",
            "Entries of commits by what became of them",
            metrics.commit_entries.clone(),
        );
        registry.register("pull_items", "Feed items sent to devices", metrics.pull_items.clone());
        registry.register("journal_position", "Bytes in the journal", metrics.journal_position.clone());
        registry.register_with_unit(
            "journal_fsync_duration",
            "Time of a journal fsync",
            Unit::Seconds,
            metrics.fsync_seconds.clone(),
        );
        registry.register("connections", "Open connections", metrics.connections.clone());
        registry.register(
            "connections_refused",
            "Connections closed at once because of a cap",
            metrics.connections_refused.clone(),
        );
        registry.register(
            "logins_refused",
            "Logins with a wrong password or throttled",
            metrics.logins_refused.clone(),
        );
        registry.register("panics", "Requests that ended in a panic", metrics.panics.clone());
        Self { registry, ..metrics }
    }

    /// Counts an answered request and its time.
    pub fn request(&self, labels: RequestLabels, took: Duration) {
        self.request_seconds
            .get_or_create(&RouteLabels { route: labels.route.clone() })
            .observe(took.as_secs_f64());
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts entries of a commit by outcome: `accepted`, or the code of the refusal.
    pub fn commit_entries(&self, outcome: &'static str, count: u64) {
        self.commit_entries.get_or_create(&EntryOutcome { outcome }).inc_by(count);
    }

    /// Counts feed items sent to a device.
    pub fn pull_items(&self, count: u64) {
        self.pull_items.inc_by(count);
    }

    /// Notes the end of the journal, in bytes.
    pub fn journal_position(&self, position: u64) {
        self.journal_position.set(i64::try_from(position).unwrap_or(i64::MAX));
    }

    /// Notes the time of one fsync of the journal.
    pub fn fsync(&self, took: Duration) {
        self.fsync_seconds.observe(took.as_secs_f64());
    }

    /// Notes how many connections are open.
    pub fn connections(&self, open: usize) {
        self.connections.set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    /// Counts a connection closed because of a cap.
    pub fn connection_refused(&self) {
        self.connections_refused.inc();
    }

    /// Counts a login that was refused.
    pub fn login_refused(&self) {
        self.logins_refused.inc();
    }

    /// Counts a request that ended in a panic.
    pub fn panic(&self) {
        self.panics.inc();
    }

    /// Writes the numbers as OpenMetrics text.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        match text::encode(&mut out, &self.registry) {
            Ok(()) => out,
            Err(error) => unreachable!("writing to a String cannot fail: {error}"),
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_on_the_page() {
        let metrics = Metrics::new();
        metrics.commit_entries("accepted", 3);
        metrics.request(
            RequestLabels { method: "GET", route: "/healthz".to_owned(), status: 200 },
            Duration::from_millis(3),
        );
        let page = metrics.encode();
        assert!(page.contains("fieldbook_commit_entries_total{outcome=\"accepted\"} 3"), "{page}");
        assert!(
            page.contains("fieldbook_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1"),
            "{page}"
        );
    }
}
