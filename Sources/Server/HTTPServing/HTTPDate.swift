#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The `Date` header, made once a second for each event loop.
///
/// https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1
struct HTTPDate {
    private var second: Int = -1
    private var text = ""

    /// `secondsSince1970` as RFC 9110 writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
    mutating func text(at secondsSince1970: Int) -> String {
        guard secondsSince1970 != second else { return text }
        second = secondsSince1970
        text = Self.format(secondsSince1970)
        return text
    }

    static func format(_ secondsSince1970: Int) -> String {
        var time = time_t(secondsSince1970)
        var parts = tm()
        gmtime_r(&time, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { twoDigits(Int($0)) }.joined(separator: ":")
        return "\(days[Int(parts.tm_wday)]), \(twoDigits(Int(parts.tm_mday))) \(months[Int(parts.tm_mon)]) "
            + "\(Int(parts.tm_year) + 1900) \(clock) GMT"
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
