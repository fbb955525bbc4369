#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

package func naturalLogarithm(_ value: Double) -> Double { log(value) }
