import Foundation
import MatrixClient
import Terminal

/// Files that are sent and saved.
enum ChatFiles {
    /// `~` is the user's home, as shells have it.
    static func expanded(_ path: String) -> String { NSString(string: path).expandingTildeInPath }

    /// - Throws: ``ChatFailure`` when it cannot be read, or is larger than may be sent.
    static func outgoing(_ path: String, caption: String?) throws -> OutgoingFile {
        let url = URL(fileURLWithPath: expanded(path))
        let bytes: Data
        do {
            let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            guard size <= OutgoingFile.maximumBytes else {
                throw ChatFailure("\(path): \(size) > \(OutgoingFile.maximumBytes) B")
            }
            bytes = try Data(contentsOf: url)
        } catch let failure as ChatFailure {
            throw failure
        } catch {
            throw ChatFailure("\(path): \(error.localizedDescription)")
        }
        let (type, kind) = type(of: url.pathExtension.lowercased())
        var file = OutgoingFile(Array(bytes), name: url.lastPathComponent, mimeType: type, kind: kind)
        file.caption = caption
        return file
    }

    private static func type(of ending: String) -> (String, OutgoingFile.Kind) {
        switch ending {
        case "jpg", "jpeg": ("image/jpeg", .image)
        case "png": ("image/png", .image)
        case "gif": ("image/gif", .image)
        case "webp": ("image/webp", .image)
        case "mp4": ("video/mp4", .video)
        case "webm": ("video/webm", .video)
        case "ogg", "oga", "opus": ("audio/ogg", .audio)
        case "mp3": ("audio/mpeg", .audio)
        case "m4a": ("audio/mp4", .audio)
        case "pdf": ("application/pdf", .file)
        case "txt", "md", "log": ("text/plain", .file)
        case "zip": ("application/zip", .file)
        default: ("application/octet-stream", .file)
        }
    }

    /// Saves a file that somebody sent. What is there is never overwritten, and a name cannot lead elsewhere.
    ///
    /// - Parameter path: a file or a folder; nil for the present folder.
    /// - Returns: where it is.
    static func save(_ bytes: [UInt8], named name: String, to path: String?) throws -> String {
        let chosen = path.map { expanded($0) } ?? FileManager.default.currentDirectoryPath
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: chosen, isDirectory: &isFolder)
        let target = isThere && isFolder.boolValue ? "\(chosen)/\(DisplayText.fileName(name))" : chosen
        for number in 0..<1000 {
            let candidate = number == 0 ? target : numbered(target, number)
            let descriptor = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor < 0 {
                if errno == EEXIST { continue }
                throw ChatFailure("\(candidate): \(String(cString: strerror(errno)))")
            }
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            do {
                try file.write(contentsOf: Data(bytes))
                try file.close()
            } catch {
                unlink(candidate)
                throw ChatFailure("\(candidate): \(error.localizedDescription)")
            }
            return candidate
        }
        throw ChatFailure("\(target): \(String(cString: strerror(EEXIST)))")
    }

    private static func numbered(_ path: String, _ number: Int) -> String {
        let url = URL(fileURLWithPath: path)
        let ending = url.pathExtension
        let base = ending.isEmpty ? path : String(path.dropLast(ending.count + 1))
        return ending.isEmpty ? "\(base)-\(number)" : "\(base)-\(number).\(ending)"
    }
}
