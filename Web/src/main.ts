import "./styles/base.css";
import "./platform/theme.ts";
import "./ui/app.ts";
