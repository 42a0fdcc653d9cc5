//! Who may use the page: a browser on this machine that opened it itself. Another site's page can neither read it nor
//! post to it, by whatever name it reaches this address.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Scripts, styles and requests of this address alone, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = if may_pass(request.method(), request.headers()) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The address must name this machine. What changes something must come from the page itself.
fn may_pass(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(host) = text(header::HOST) else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_local = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
    let is_own =
        || text(header::ORIGIN).and_then(|from| from.strip_prefix("http://")) == Some(host);
    is_local && (method == Method::GET || is_own())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_itself_on_this_machine_passes() {
        let passes = |method: Method, host: &str, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            may_pass(&method, &headers)
        };
        let own = Some("http://127.0.0.1:8400");
        assert!(passes(Method::GET, "127.0.0.1:8400", None));
        assert!(passes(Method::GET, "localhost:9", None) && passes(Method::GET, "[::1]:9", None));
        assert!(passes(Method::POST, "127.0.0.1:8400", own));
        assert!(!passes(Method::GET, "evil.example:8400", None));
        assert!(!passes(Method::GET, "127.0.0.1.evil.example", None));
        for origin in [None, Some("null"), Some("http://evil.example"), Some("http://127.0.0.1:9")]
        {
            assert!(!passes(Method::POST, "127.0.0.1:8400", origin), "{origin:?}");
        }
        assert!(!passes(Method::POST, "evil.example", Some("http://evil.example")));
        assert!(!may_pass(&Method::GET, &HeaderMap::new()));
    }
}
