import NIOCore

/// Cores that this process may use.
package func availableCores() -> Int { System.coreCount }
