"""Scripts read without running them: tokens of JavaScript, VBScript, PowerShell and batch, constants put together,
and what stands in the strings that come out."""
