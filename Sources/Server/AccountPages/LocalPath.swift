import HTTPServing
import MatrixAPI

/// Where a page of ours goes on to: one of our own pages, never an address elsewhere.
enum LocalPath {
    private static let pages = ["/oauth2/authorize", "/oauth2/link", "/account", "/account/sso"]
    private static let maximumBytes = 8_000
    static let home = "/account"

    /// The path if it is one of our pages, else the account's page.
    static func checked(_ path: String?) -> String {
        guard let path, path.utf8.count <= maximumBytes, path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let page = path.split(separator: "?", maxSplits: 1).first, pages.contains(String(page))
        else { return home }
        return path
    }

    static func query(of path: String) -> QueryParameters {
        let parts = path.split(separator: "?", maxSplits: 1)
        return QueryParameters(parts.count > 1 ? String(parts[1]) : "")
    }

    /// The page with a query.
    static func make(_ page: String, _ parameters: [(String, String?)]) -> String {
        let pairs = parameters.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return pairs.isEmpty ? page : page + "?" + pairs.joined(separator: "&")
    }
}
