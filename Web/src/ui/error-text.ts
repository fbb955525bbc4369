/** What went wrong, in words for the person. */
import { ConnectionError, MatrixError } from "../matrix/http.ts";
import { texts } from "../platform/language.ts";

export function errorText(error: unknown): string {
    const errors = texts().errors;
    if (error instanceof ConnectionError) return errors.noConnection;
    if (!(error instanceof MatrixError)) return errors.unknown;
    switch (error.code) {
        case "M_USER_IN_USE": return errors.usernameTaken;
        case "M_INVALID_USERNAME": return errors.usernameInvalid;
        case "M_EXCLUSIVE": return errors.usernameReserved;
        case "M_WEAK_PASSWORD": return errors.passwordWeak;
        case "M_LIMIT_EXCEEDED": return errors.tooManyAttempts;
        case "M_USER_DEACTIVATED": return errors.deactivated;
        case "NARU_UNSUPPORTED_FLOW": return errors.signUpUnsupported;
        case "M_FORBIDDEN": return errors.notAllowed;
        default: return error.status >= 500 ? errors.noConnection : errors.unknown;
    }
}
