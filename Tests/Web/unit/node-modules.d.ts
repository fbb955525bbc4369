/** The little of node's own modules that the tests use; there is no package of types to take it from. */
declare module "node:test" {
    export function test(name: string, body: () => void | Promise<void>): void;
}

declare module "node:assert/strict" {
    interface Assert {
        equal(actual: unknown, expected: unknown, message?: string): void;
        deepEqual(actual: unknown, expected: unknown, message?: string): void;
        ok(value: unknown, message?: string): asserts value;
    }
    const assert: Assert;
    export default assert;
}
