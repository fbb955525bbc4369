extension DisplayText {
    /// A stranger's name for a file, as one that is made in a folder of ours: it leads nowhere else, hides nothing and is
    /// no option to a program.
    package static func fileName(_ name: String) -> String {
        var result = String(line(name, maximumLength: 120).map { "/\\:*?\"<>|".contains($0) ? "_" : $0 })
        while let first = result.first, first == "." || first == "-" || first == "~" || first == " " {
            result.removeFirst()
        }
        while result.utf8.count > 200 { result.removeLast() }
        return result.isEmpty ? "file" : result
    }
}
