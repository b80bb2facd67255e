// Owns the metrics text of the backend, cut to its first lines; refuses to count anything.

export const METRICS = `# HELP python_gc_objects_collected_total Objects collected during gc
# TYPE python_gc_objects_collected_total counter
python_gc_objects_collected_total{generation="0"} 9794.0
python_gc_objects_collected_total{generation="1"} 12153.0
python_gc_objects_collected_total{generation="2"} 662.0
# HELP kari_http_requests_total Total HTTP requests
# TYPE kari_http_requests_total counter
kari_http_requests_total{method="GET",path="/api/health",status="200"} 3.0
`;
