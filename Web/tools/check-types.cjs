// Usage: node check-types.cjs COMPILER LIBRARY_DIR SOURCE_DIR…: reports every type error in the .ts files below.
"use strict";

const fileSystem = require("node:fs");
const path = require("node:path");

const [compilerPath, libraryDirectory, ...sourceDirectories] = process.argv.slice(2);
const typescript = require(path.resolve(compilerPath));

/** Named one by one: `esnext` refers to files that this compiler does not know yet. */
const libraries = ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"];

const options = {
    target: typescript.ScriptTarget.ES2022,
    module: typescript.ModuleKind.ESNext,
    moduleResolution: typescript.ModuleResolutionKind.Bundler,
    lib: libraries,
    types: [],
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    isolatedModules: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
};

const files = sourceDirectories.flatMap((directory) =>
    fileSystem.readdirSync(directory, { recursive: true })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => path.join(directory, name)));

const host = typescript.createCompilerHost(options);
host.getDefaultLibLocation = () => path.resolve(libraryDirectory);
host.getDefaultLibFileName = () => path.resolve(libraryDirectory, "lib.es2023.d.ts");

const program = typescript.createProgram(files, options, host);
const diagnostics = typescript.getPreEmitDiagnostics(program);
if (diagnostics.length > 0) {
    process.stderr.write(typescript.formatDiagnostics(diagnostics, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: () => process.cwd(),
        getNewLine: () => "\n",
    }));
    process.exit(1);
}
process.stdout.write(`${files.length} files type-checked with TypeScript ${typescript.version}\n`);
