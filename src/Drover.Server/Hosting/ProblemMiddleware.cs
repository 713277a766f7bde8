using Drover.Runtime.Requests;
using Drover.Runtime.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Hosting;

/// <summary>The outermost layer: every failure and every empty error answer leaves as a problem document.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        Problem? problem = null;
        try
        {
            await next(context);
            var status = context.Response.StatusCode;
            if (status >= 400 && !context.Response.HasStarted)
            {
                problem = Problem.Of(status);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            problem = Explain(context, exception);
        }
        catch (Exception exception)
        {
            // The answer is half sent; the only honest end is to break the connection.
            LogFailure(logger, context.Request.Method, context.Request.Path, exception);
            context.Abort();
            return;
        }

        if (problem is not null && !context.Response.HasStarted)
        {
            await problem.ExecuteAsync(context);
        }
    }

    private Problem Explain(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case InvalidRequestException invalid:
                return Problem.InvalidRequest(invalid.Message);
            case BodyTooLargeException tooLarge:
                return Problem.TooLarge(tooLarge.Limit);
            case BodyTooSlowException:
                return Problem.TooSlow();
            case BadHttpRequestException bad:
                return Problem.Of(bad.StatusCode);
            case StorageException storage:
                LogFailure(logger, context.Request.Method, context.Request.Path, storage);
                return Problem.StorageUnavailable(storage.Message);
            default:
                LogFailure(logger, context.Request.Method, context.Request.Path, exception);
                return Problem.Internal("The server's log has more.");
        }
    }

    [LoggerMessage(1001, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger logger, string method, string path, Exception exception);
}
